using Aegis.Scanning.Classifying;

namespace Aegis.Train;

/// <summary>Every feature of a text, by units.</summary>
internal sealed class FeatureList : IFeatureSink
{
    public List<int> Features { get; } = [];

    /// <summary>Of each unit, its first feature.</summary>
    public List<int> Firsts { get; } = [];

    /// <summary>Of each unit, its first character.</summary>
    public List<int> Starts { get; } = [];

    public void Begin(int start, int units)
    {
        for (var i = 0; i < units; i++)
        {
            Firsts.Add(Features.Count);
            Starts.Add(start);
        }
    }

    public void Add(int feature) => Features.Add(feature);
}
