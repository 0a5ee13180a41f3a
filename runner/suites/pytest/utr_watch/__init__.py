"""What watches a pytest session; a package of its own, which pytest does not rewrite as it does a plugin."""
