using System.Globalization;
using Aegis.Benchmarks;
using BenchmarkDotNet.Running;

// --gate [SLACK]: the figures that must hold, interleaved in one run (half a minute); on a shared machine times, not bytes or ratios, get slack.
// Anything else goes to BenchmarkDotNet, for published tables.
return args is ["--gate", .. var slack] ? await Gate.RunAsync(slack is [var factor] ? double.Parse(factor, CultureInfo.InvariantCulture) : 1) : BenchmarkSwitcher.FromAssembly(typeof(Gate).Assembly).Run(args).Any() ? 0 : 1;
