"""The house in one page: a SCIM 2.0 gateway in front of a REST user API, described by one mapping file.

The product is a function between two vocabularies, with a thin wire at each end::

    Entra                                                                       legacy API
      |  PATCH /Users/42   {"op":"Replace","path":"active","value":"False"}          |
      v                                                                              |
    web/scim        authenticate: which client, which profile; body bytes            |
    scim/           entra lowers the dialect -> Patch("42", (replace active False))  |
    plan/           yield Turn("User", id="42") .............. upstream              |
    plan/           yield Call("GET", "/users/42") ........... upstream ............ > GET
                    <- Reply(200, record) .................... token, retry ........ <
    mapping/        record -> resource                                               |
    plan/           yield Recall("User", ("42",)) ............ store                 |
                    <- {"42": {"externalId": "8aa1"}} ........ its file              |
    scim/           patched(resource, operations) -> wanted                          |
    mapping/        what differs, as fields -> {"status": "disabled"}                |
    plan/           yield Intended("update", before, wanted) . audit                 |
                    <- None, once the trail has it                                   |
    plan/           yield Call("PATCH", "/users/42", {...}) .. upstream ............ > PATCH
                    <- Reply(200, record)                                            <
    plan/           return Response(200, resource)
    web/scim        encode, application/scim+json, ETag

The rooms import in one straight line, which is also the reading order (a test holds it)::

    errors < scim < mapping < plan < upstream, store, audit < web < cli        settings stands beside plan

    errors      the drawn tree of what can go wrong, and what each answers
    scim/       PURE: RFC 7643, RFC 7644 and RFC 9865, and nothing else; where clients depart from them, in a profile
    mapping/    PURE: the language of mappings/, one file for one upstream
    plan/       PURE: which calls an operation needs, in which order; one file per kind of conversation
    upstream/   EDGE: performs the calls; the only room that talks to the legacy API
    store/      EDGE: the only room that keeps what outlives the process: attributes that the upstream has no field for
    audit/      EDGE: the audit trail: an intent before the first write, an event after it, in a chain that shows a change
    web/        EDGE: the only room that knows Litestar; who may come in, tokens, health, what is seen of each request
    settings/   EDGE: the environment and the file of connections, read once; the only place that holds secrets
    cli/        EDGE: the commands, and the sink of all logs; composition happens here and in web/app only
    sandbox/    a runnable stand-in for N-able's user API; imports none of the rooms above
    simulator/  Entra as a client, and the demo's verdict; imports none of the rooms above

PURE means: no I/O, no clock, no logger.
The seam is a generator: a plan yields a Call, is sent the Reply that came of it, returns a Response.
What the upstream has no field for it asks of the store in the same way: it yields a Step, which is a Recall, a Lookup, a
Keep or a Forget. The upstream is asked first and the store follows it: who exists, the upstream alone says. What it asks of
the process itself is a Moment: a Turn, so that nobody else changes the same user meanwhile, a Wait, what the index knows;
and what it tells the audit trail is one: an Intended before its first write.
Where several processes serve, each connection is one's (web/shares), and the others hand its requests over (web/handover).
Where a call comes from goes along by itself, as an Origin: what becomes of a request is gathered there, and web/observer makes
of it, once and at its end, the log line, the metrics and the span.

The words tell you the side you are on:

    ====================  ======================================  =========================
    SCIM side             between                                 upstream side
    ====================  ======================================  =========================
    Resource, attribute   Mapping (a file), Rule (a line of it)   Record, field
    Operation             Plan (the conversation for one)         Call
    Response              Connection (mapping, place, secrets)    Reply
    Client (may call us)  Store (what no field holds), Step       Credential (lets us in)
    Profile (its habits)
    Cursor (of a query)   Position (where its scan goes on)       Page (of a list)
    ====================  ======================================  =========================
"""
