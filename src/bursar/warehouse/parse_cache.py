"""dbt's parse cache in a project that has moved.

dbt keeps with every seed the folder that its project was in when the seed was parsed, and reads the
file there. A copy of a project, cache and all, would thus be billed at the original's prices. Owns
mending that. It leaves everything else in the cache to dbt.
"""

from __future__ import annotations

from typing import Any

from bursar.project import Project

CACHE_FILE = "target/partial_parse.msgpack"


def settle(project: Project) -> None:
    """Makes the cached seeds this folder's; a cache that cannot be read is thrown away."""
    path = project.root / CACHE_FILE
    if not path.is_file():
        return
    from dbt.contracts.graph.manifest import Manifest

    root = str(project.root)
    try:
        manifest: Any = Manifest.from_msgpack(path.read_bytes())
        seeds = [node for node in manifest.nodes.values() if node.resource_type == "seed"]
        own = [seed for seed in seeds if seed.package_name == manifest.metadata.project_name]
        elsewhere = [seed for seed in own if seed.root_path != root]
        for seed in elsewhere:
            seed.root_path = root
        if elsewhere:
            path.write_bytes(manifest.to_msgpack())
    except Exception:  # of another version, or torn: dbt parses everything anew without it
        path.unlink()
