"""Addresses of deployments, of inventories and of the rules of discovery."""

urlpatterns: list[object] = []
