"""Every number, defined once; compiled to SQL for a scope of deals; told in sentences."""
