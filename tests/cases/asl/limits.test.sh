#### a wait that no execution can sit out
sort words
sleep 40000000
## diagnostics:
MSH321 2:1-2:15 `sleep 40000000` is longer than the year that an execution may last
