namespace Aegis.Tools;

/// <summary>What an inspection was told of pins.</summary>
/// <param name="Tools">What they say of the tools; null: the policy does not ask, or nobody knows.</param>
/// <param name="Broken">Why nobody knows.</param>
internal readonly record struct PinReading(PinnedTools? Tools, Finding? Broken)
{
    public bool IsKnown => Tools is not null || Broken is not null;

    public bool Refuses(string tool) => Broken is not null || Tools?.Against(tool) is not null;
}
