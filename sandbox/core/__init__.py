"""What every vendor of the sandbox needs: options, faults, the control door, routing and serving."""
