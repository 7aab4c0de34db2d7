using Aegis.Scanning.Classifying;

namespace Aegis.Core.Tests.Scanning.Classifying;

/// <summary>Every feature with its unit.</summary>
internal sealed class FeatureRecord : IFeatureSink
{
    public List<(int Unit, int Number)> Features { get; } = [];

    public List<int> Starts { get; } = [];

    public bool Ignores(int feature) => false;

    public void Begin(int start, int units) => Starts.AddRange(Enumerable.Repeat(start, units));

    /// <summary>Features that stood in the window already, with their unit and the one before.</summary>
    public List<(int Unit, int Number, int Before)> Moves { get; } = [];

    public void Move(int feature, int units) => Moves.Add((Starts.Count - 1, feature, Starts.Count - 1 - units));

    public void Add(int feature) => Features.Add((Starts.Count - 1, feature));
}
