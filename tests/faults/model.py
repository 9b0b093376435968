"""C14, a stateful model: steps by chance before one gateway, each held against what a simple model says; what fails is shrunk."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.reporting import with_reporter
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.faults import storm
from tests.faults.caller import Answer
from tests.faults.desk import Desk, Speaker
from tests.faults.entra import Entra, Fields, person
from tests.faults.lane import Setup, lane
from tests.faults.modelled import CHANGED, FORMS, NOBODY, People, patch_of, shown_fields, snapshot
from tests.faults.plan import Rule
from tests.faults.store import MAPPED, MORE
from tests.faults.verdict import Result

LONG, SHORT = (100, 30), (8, 20)
"""Runs, and the steps of each."""
SHORT_RESTARTS = 2
"""Restarts in the short form: each takes a second."""
FAULTS = tuple(each for each in storm.KINDS if each.phase != "delayed" and each.action != "wrong id 200")
LOGINS = st.sampled_from(["ada", "grace", "edsger", "barbara"])
CASES = st.sampled_from([str.lower, str.upper, str.title])
TEXTS = st.sampled_from(["Ada", "Zoë", "O'Neil", 'the "2nd"', "a\\b", "李", "-1", "null"]) | st.text(
    st.characters(categories=["L", "N"]), min_size=1, max_size=8
)
CHANGES = st.dictionaries(
    st.sampled_from([each for each in CHANGED if each != "enabled"]), TEXTS, min_size=1, max_size=3
)


def machine_of(desk: Desk) -> type[RuleBasedStateMachine]:
    """Return the machine that works at a desk."""

    class Machine(_Machine):
        at = desk

    return Machine


class _Machine(RuleBasedStateMachine):
    at: Desk

    @initialize()
    def begin(self) -> None:
        self.people, self.at.runs = People(), self.at.runs + 1
        self.store = self.at.lane.upstream.store
        self.store.records.clear()
        self.store.create(person("ada"))
        self.people.there = snapshot(self.store)
        self.speaker = Speaker(self.at.entra.caller, heard=self.at.entra.heard)
        self.at.lane.upstream.plan.clear()

    def asked(
        self, step: Awaitable[Answer], right: set[int], about: str, wanted: Fields | None, doubtful: int = 0
    ) -> Answer | None:
        """Return an answer that the model must give too; None where its outcome is not known, which a fault only excuses."""
        before, sent = snapshot(self.store), len(self.at.lane.upstream.wire)
        answer = self.at.done(step)
        self.at.steps += 1
        faults = [each.fault for each in self.at.lane.upstream.wire[sent:] if each.fault]
        self.at.faulty += bool(faults)
        self.at.lane.upstream.plan.clear()
        if answer.status in right:
            return answer
        excused = bool(faults) and (answer.status >= 500 or answer.status == doubtful)
        assert excused, f"answered {answer.status} in place of {sorted(right)}, faults {faults}: {answer.text[:200]}"
        self.at.unknown += 1
        self.at.done(self._settled())
        wrong = self.people.learn(self.store, before, about, wanted)
        assert not wrong, f"answered {answer.status}, faults {faults}: {wrong}"
        return None

    async def _settled(self) -> None:
        """Wait until the gateway is used to a healthy upstream again."""
        async with asyncio.timeout(12):
            while (await Entra(self.at.entra.caller).get("", NOBODY)).status >= 500:  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.05)

    def compared(self) -> None:
        """Hold the upstream against the model."""
        other = self.people.other_than(self.store)
        assert not other, other

    @rule(login=LOGINS, case=CASES, given=TEXTS, enabled=st.booleans())
    def create(self, login: str, case: Any, given: str, enabled: bool) -> None:  # noqa: FBT001
        wanted = person(case(login), given=given, enabled=enabled)
        taken = self.people.has(login)
        answer = self.asked(self.speaker.create(wanted), {409} if taken else {201}, "", wanted, 0 if taken else 409)
        if answer is not None and not taken:
            assert isinstance(answer.body, dict)
            self.people.there[answer.body["id"]] = dict.fromkeys((*MAPPED, *MORE)) | wanted
        self.compared()

    @rule(login=LOGINS)
    def get(self, login: str) -> None:
        user_id = self.people.id_of(login)
        there = self.people.there.get(user_id)
        answer = self.asked(self.speaker.get(login, user_id), {200} if there else {404}, NOBODY, {})
        if answer is not None and there:
            self._shown(answer.body, user_id)
        self.compared()

    @rule(login=LOGINS, case=CASES)
    def find(self, login: str, case: Any) -> None:
        answer = self.asked(self.speaker.find(case(login)), {200}, NOBODY, {})
        if answer is not None:
            found = answer.body.get("Resources", [])
            assert len(found) == answer.body["totalResults"] == self.people.has(login), f"found {found}"
            for each in found:
                self._shown(each, self.people.id_of(login))
        self.compared()

    @rule(count=st.integers(1, 3))
    def list(self, count: int) -> None:
        shown: list[str] = []
        for start in range(1, len(self.people.there) + 2, count):
            answer = self.asked(self.speaker.page(start, count), {200}, NOBODY, {})
            if answer is None:
                return
            assert answer.body["totalResults"] == len(self.people.there), answer.text[:200]
            for each in answer.body.get("Resources", []):
                shown.append(each["id"])
                self._shown(each, each["id"])
        assert sorted(shown) == sorted(self.people.there), f"pages of {count} showed {shown}"

    @rule(login=LOGINS, new=LOGINS, case=CASES, family=TEXTS, enabled=st.booleans())
    def put(self, login: str, new: str, case: Any, family: str, enabled: bool) -> None:  # noqa: FBT001
        user_id = self.people.id_of(login)
        wanted = person(case(new), family=family, enabled=enabled)
        there, taken = self.people.there.get(user_id), self.people.has(new, user_id)
        right = {409} if there and taken else {200} if there else {404}
        all_of_it = dict.fromkeys(MORE) | wanted
        if self.asked(self.speaker.put(user_id, wanted), right, user_id, all_of_it) is not None and right == {200}:
            self.people.there[user_id] = dict.fromkeys((*MAPPED, *MORE)) | wanted
        self.compared()

    @rule(login=LOGINS, form=st.sampled_from(FORMS), changes=CHANGES)
    def patch(self, login: str, form: str, changes: Fields) -> None:
        self._patched(login, *patch_of(form, changes))

    @rule(login=LOGINS, form=st.sampled_from([each for each in FORMS if each != "removed"]), enabled=st.booleans())
    def switch(self, login: str, form: str, enabled: bool) -> None:  # noqa: FBT001
        self._patched(login, *patch_of(form, {"enabled": enabled}))

    def _patched(self, login: str, body: Any, fields: Fields) -> None:
        user_id = self.people.id_of(login)
        there = self.people.there.get(user_id)
        name = there["login"] if there else login
        step = self.speaker.patched(name, user_id, fields, body)
        if self.asked(step, {200, 204} if there else {404}, user_id, fields) is not None and there:
            self.people.there[user_id] = there | fields
        self.compared()

    @rule(login=LOGINS)
    def delete(self, login: str) -> None:
        user_id = self.people.id_of(login)
        there = self.people.there.get(user_id)
        step = self.speaker.delete(there["login"] if there else login, user_id)
        doubtful = 404 if there else 204  # sent again after a fault, it tells only that nobody is there now
        if self.asked(step, {204} if there else {404}, user_id, None, doubtful) is not None and there:
            self.people.remove(user_id)
        self.compared()

    @rule(login=LOGINS, changes=CHANGES)
    def human(self, login: str, changes: Fields) -> None:
        user_id = self.people.id_of(login)
        if user_id in self.people.there:
            self.store.external(user_id, **changes, badge="a human's")
            self.people.there[user_id] |= changes

    @rule(fault=st.sampled_from(FAULTS), first=st.integers(1, 2), times=st.integers(1, 4))
    def fault(self, fault: Any, first: int, times: int) -> None:
        self.at.lane.upstream.plan.rules.append(Rule((fault,), first=first, times=times))

    @rule()
    def restart(self) -> None:
        if self.at.restarts > 0:
            self.at.restarts -= 1
            self.at.lane.gateway.kill()
            self.at.done(self.at.lane.gateway.start())

    def _shown(self, resource: Any, user_id: str) -> None:
        shown, right = shown_fields(resource), self.people.there[user_id]
        wrong = {name: (value, right[name]) for name, value in shown.items() if value != right[name]}
        assert not wrong, f"shown and right: {wrong}"


async def run(setup: Setup) -> Result:
    """Run the machine."""
    runs, steps = LONG if setup.is_long else SHORT
    return await walked(setup, runs, steps)


async def walked(setup: Setup, runs: int, steps: int) -> Result:
    """Let the machine walk so often, so far."""
    result = Result("C14", setup.seed)
    async with lane("patching", setup, result, pulse=False) as made:
        restarts = runs if setup.is_long else SHORT_RESTARTS
        desk = Desk(made, made.entra, asyncio.get_running_loop(), restarts)
        phases = (Phase.generate, Phase.shrink) if setup.is_long else (Phase.generate,)
        machine = seed(setup.seed)(machine_of(desk))
        given = settings(
            max_examples=runs, stateful_step_count=steps, database=None, deadline=None, phases=phases,
            suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
        )  # fmt: skip

        def walk() -> None:
            with with_reporter(desk.said.append):
                run_state_machine_as_test(machine, settings=given)

        try:
            await asyncio.to_thread(walk)
        except Exception as error:  # noqa: BLE001 (whatever the machine finds is a divergence)
            steps_said = " / ".join([*map(str, desk.said), *getattr(error, "__notes__", [])])
            made.verdict.holds("N7", f"seed {setup.seed}: {error} after: {steps_said}", holds=False)
        made.verdict.looked["N7"] += desk.steps
        result.figures |= {
            "runs": desk.runs, "requests": desk.steps, "with faults": desk.faulty, "unknown outcomes": desk.unknown, "starts": made.gateway.starts,
        }  # fmt: skip
    setup.say(f"C14: seed {setup.seed}, {desk.runs} runs, {desk.steps} requests, {desk.unknown} of unknown outcome")
    return result.ended()
