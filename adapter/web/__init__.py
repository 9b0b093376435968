"""The edge towards SCIM clients: the only room that knows Litestar."""
