"""What HTTP clients see: the edge, the envelope, the schemas and the routers."""
