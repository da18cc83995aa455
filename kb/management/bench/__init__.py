"""What `manage.py bench` measures. It runs as a process of its own, on a data folder that is thrown away."""
