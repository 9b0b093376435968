"""The SCIM protocol, pure: RFC 7643 and RFC 7644, and nothing else."""
