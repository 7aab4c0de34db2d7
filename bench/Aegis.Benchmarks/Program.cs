using Aegis.Benchmarks;
using BenchmarkDotNet.Running;

// --gate: the figures that must hold, interleaved in one run (a minute). Anything else goes to BenchmarkDotNet, for published tables.
return args is ["--gate"] ? await Gate.RunAsync() : BenchmarkSwitcher.FromAssembly(typeof(Gate).Assembly).Run(args).Any() ? 0 : 1;
