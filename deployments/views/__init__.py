"""Pages of deployments. Like all views they stand above the apps and may read from any of them."""
