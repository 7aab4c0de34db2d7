using Aegis.Fuzzing.Targets;

namespace Aegis.Fuzzing;

/// <summary>The targets by name.</summary>
internal static class FuzzTargets
{
    private static readonly Dictionary<string, Func<IFuzzTarget>> All = new()
    {
        ["scanner"] = static () => new ScannerTarget(),
        ["stream"] = static () => new StreamTarget(),
        ["policy"] = static () => new PolicyTarget(),
        ["arguments"] = static () => new ArgumentsTarget(),
        ["history"] = static () => new HistoryTarget(),
    };

    public static IReadOnlyCollection<string> Names => All.Keys;

    public static IFuzzTarget Make(string name) => All[name]();
}
