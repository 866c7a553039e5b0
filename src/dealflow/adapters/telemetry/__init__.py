"""How metrics and traces leave the process: an endpoint for Prometheus, an exporter for a collector of OpenTelemetry's."""
