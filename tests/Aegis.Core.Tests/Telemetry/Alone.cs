namespace Aegis.Core.Tests.Telemetry;

/// <summary>Tests that run when no other does.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class Alone;
