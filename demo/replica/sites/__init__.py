"""The replicas' sites: a module per platform, with its rows, its sample rows and its routes."""
