# Has Windows keep `tallymark work` running inside the Windows Subsystem for Linux, where Tallymark is installed: run
# once, as administrator.
#   .\install-task.ps1 -Distribution Ubuntu -Program /opt/tallymark/.venv/bin/tallymark -Settings /etc/tallymark/environment.sh
# -Settings is a file that exports the variables of docs/settings.md, DATABASE_URL among them.
param(
    [Parameter(Mandatory)] [string] $Distribution,
    [string] $Program = '/opt/tallymark/.venv/bin/tallymark',
    [string] $Settings = '/etc/tallymark/environment.sh',
    [int] $Concurrency = 2
)
$ErrorActionPreference = 'Stop'
$command = ". $Settings && exec $Program work --concurrency $Concurrency"
$action = New-ScheduledTaskAction -Execute 'wsl.exe' -Argument "--distribution $Distribution -- sh -c `"$command`""
$trigger = New-ScheduledTaskTrigger -AtStartup
$kept = New-ScheduledTaskSettingsSet -ExecutionTimeLimit ([TimeSpan]::Zero) -RestartCount 999 `
    -RestartInterval (New-TimeSpan -Minutes 1) -MultipleInstances IgnoreNew -StartWhenAvailable
$principal = New-ScheduledTaskPrincipal -UserId $env:USERNAME -LogonType S4U
Register-ScheduledTask -TaskName 'Tallymark work' -Action $action -Trigger $trigger -Settings $kept `
    -Principal $principal -Force | Out-Null
Start-ScheduledTask -TaskName 'Tallymark work'
Get-ScheduledTask -TaskName 'Tallymark work' | Select-Object TaskName, State
