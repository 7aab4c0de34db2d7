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

    public bool Ignores(int feature) => false;

    public void Begin(int start, int units)
    {
        for (var i = 0; i < units; i++)
        {
            Firsts.Add(Features.Count);
            Starts.Add(start);
        }
    }

    /// <summary>Of each feature, the unit before where it counted in the window that ends here; -1: none.</summary>
    public List<int> Before { get; } = [];

    public void Add(int feature)
    {
        Features.Add(feature);
        Before.Add(-1);
    }

    public void Move(int feature, int units)
    {
        Features.Add(feature);
        Before.Add(Firsts.Count - 1 - units);
    }
}
