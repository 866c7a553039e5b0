module dealflow.local/temporal-server

go 1.26.8

require (
	// The CLI is here so that both take the same versions of everything: where it was built, this takes seconds.
	github.com/temporalio/cli v1.9.1
	go.temporal.io/server v1.32.0
)

replace github.com/temporalio/cli/cliext => github.com/temporalio/cli/cliext v0.0.0-20260813031431-9112b4e0ac7a
