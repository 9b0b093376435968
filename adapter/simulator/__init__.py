"""Entra ID's provisioning service as a client, and the demo that plays it against the real gateway.

It knows the gateway only by HTTP and judges it only by the state of the upstream, so it imports none of the rooms.
"""
