"""The sandbox: a runnable stand-in for N-able's (N-central's) REST user API, faults included.

Its other face, `cove`, stands in for Cove Data Protection's users: see `cove.py`.

It lets the gateway be tried, shown and tested where no N-central is at hand. It speaks plain HTTP on two ports: the
user API, and a control port that only tests and the demo look at (what is stored, which calls came, which fault comes
next). Nothing is kept when it ends. It imports none of the other rooms: what it knows of the user API it knows by
itself, so that a mistake in the gateway cannot repeat itself here.

What N-able documents, and the sandbox does likewise:

- the token exchange: authenticate, refresh with the raw token as text, validate, logout; both expiry overrides;
- `GET /api/users` and `GET /api/access-groups`, which answer links and no records;
- the list of an org unit's users: its fields, the page envelope, fifty records where no size is asked, `sortBy`,
  `sortOrder`, and `select` as a filter of rows;
- the user create request: its fields, lengths and patterns, ids as strings when written and integers when read,
  201 with the id and nothing else;
- `GET /api/users/me`; roles and access groups: list, one, create;
- the error body with its `[ID=...]`, and 429 for too many calls at once on one route;
- emails stay taken for ever, even after their user is gone;
- when the service account's password expires, authenticate still succeeds and every other call answers 500.

What this stand-in assumes, because nothing public says it:

- the life-cycle calls `GET`, `PATCH` and `DELETE /api/users/{userId}`: N-central has none (left out with `stock`);
- the calls that change and delete roles and access groups, `PATCH` and `DELETE` on
  `/api/org-units/{orgUnitId}/user-roles/{userRoleId}` and `/api/access-groups/{accessGroupId}`, and those for one
  access group's users, `/api/access-groups/{accessGroupId}/users` (left out with `stock`);
- `email` in the records that are read, and when a user or a role was made and changed: `createdOn`, `modifiedOn`
  (left out with `stock`);
- `select` compares without regard to case, knows every field of the record, and a list matches when one member does;
  a value runs to the next `;`, and cannot be quoted;
- the field a role or an access group is sorted by may be any field of its record;
- 409 means that the email or the user name is taken, without regard to case; the name of a deleted user is free;
- the exact password complexity, and that an email holds no blank and one `@` at the most;
- a user without at least one role and one access group is refused, not given a default, and so is a change of the
  user that leaves none; whoever loses the last one from the other side, because it is deleted or by its own list of
  users, is left without;
- the name of a role or an access group is taken within its org unit, without regard to case (409);
- a read-only role or access group cannot be changed or deleted (409), except that an access group's users can;
- the user name is fixed when the user is made: a later change of the email leaves it as it is;
- one faulty field is answered as several are ("Multiple Validations Failed.");
- an unknown field in a request is a fault, and so is null;
- an org unit's roles and access groups are its own, those above it and those below it;
- a refresh leaves the old pair of tokens alive until it expires by itself;
- the service account is not among the listed users;
- which permission has which number, and which fields a listed access group shows;
- the words of a refusal, where N-able gives no example of them.
"""
