module dealflow.local/temporal-cli

go 1.26.8

require github.com/temporalio/cli v1.9.1

replace github.com/temporalio/cli/cliext => github.com/temporalio/cli/cliext v0.0.0-20260813031431-9112b4e0ac7a
