using System.Globalization;
using Aegis.Benchmarks;
using BenchmarkDotNet.Running;

// --gate [SLACK]: the figures that must hold, interleaved in one run (half a minute); on a shared machine times, not bytes or ratios, get slack.
// --rules [FOLDER]: the rules alone against compiled expressions, which the gate measures too; their patterns and texts are written to the folder.
// --streams: what the monitor of streams costs and holds back, which the gate measures too.
// --sessions: sessions in memory and in Redis, where redis-server is installed (a minute).
// --audit: how many records a second the audit log appends, for each setting of fsync.
// --alerts: what events cost alert rules, which the gate measures too.
// --telemetry: what metrics and spans add to an inspection, while nobody listens and with an exporter (half a minute).
// Anything else goes to BenchmarkDotNet, for published tables.
if (args is ["--rules", .. var folder])
{
    Array.ForEach(folder, RuleCurve.Export);
    return RuleCurve.Holds(1) ? 0 : 1;
}

if (args is ["--streams"])
{
    return await StreamCurve.HoldsAsync(1) ? 0 : 1;
}

if (args is ["--sessions"])
{
    await SessionCurve.RunAsync();
    return 0;
}

if (args is ["--audit"])
{
    await AuditCurve.RunAsync();
    return 0;
}

if (args is ["--red-team", ..])
{
    return await RedTeamCurve.HoldsAsync(args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : new Aegis.Testing.RedTeamOptions().Budget) ? 0 : 1;
}

if (args is ["--alerts"])
{
    return AlertCurve.Holds(1) ? 0 : 1;
}

if (args is ["--telemetry"])
{
    await TelemetryCurve.RunAsync();
    return 0;
}

return args is ["--gate", .. var slack] ? await Gate.RunAsync(slack is [var factor] ? double.Parse(factor, CultureInfo.InvariantCulture) : 1) : BenchmarkSwitcher.FromAssembly(typeof(Gate).Assembly).Run(args).Any() ? 0 : 1;
