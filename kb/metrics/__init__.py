"""What monitoring reads: figures of the library and of this process, in the format of Prometheus."""
