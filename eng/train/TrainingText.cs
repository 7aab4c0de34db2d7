using Aegis.Scanning.Classifying;
using Aegis.Scanning.Normalizing;

namespace Aegis.Train;

/// <summary>A judged text as the classifier reads it.</summary>
internal sealed class TrainingText
{
    /// <summary>Units between windows that are trained on.</summary>
    private const int Stride = FeatureReader.Window / 2;

    private readonly int[] _features;
    private readonly int[] _before;    // of each feature, see FeatureList
    private readonly int[] _firsts;    // of each unit, its first feature; one more for the end

    public TrainingText(string source, string text, bool isAttack, string? injected = null)
    {
        (Source, IsAttack) = (source, isAttack);
        using var canonical = CanonicalText.Of(text);
        var list = FeatureReader<FeatureList>.Read(ConceptLexicon.BuiltIn, canonical.Text, new long[FeatureReader.MemorySize], new FeatureList());
        _features = [.. list.Features];
        _before = [.. list.Before];
        _firsts = [.. list.Firsts, _features.Length];
        Windows = [.. Enumerable.Range(0, int.MaxValue).Select(static i => i * Stride).TakeWhile(start => start == 0 || start + FeatureReader.Window - Stride < Units)];
        if (injected is not null)
        {
            var part = CanonicalText.Fold(injected);
            var at = canonical.Text.IndexOf(part, StringComparison.Ordinal);
            Injected = at < 0 ? null : [.. Windows.Where(window => Overlap(list.Starts, window, at, at + part.Length) >= 0.5)];
        }
    }

    public string Source { get; }

    public bool IsAttack { get; }

    /// <summary>First units of the windows that are trained on.</summary>
    public IReadOnlyList<int> Windows { get; }

    /// <summary>Those of them that hold half of what an attacker put in, or are half of it; null: nobody says where the attack is.</summary>
    public IReadOnlyList<int>? Injected { get; }

    /// <summary>The risk that rules and statistics see in it.</summary>
    public double RuleRisk { get; set; }

    private int Units => _firsts.Length - 1;

    /// <summary>Each feature of a window, once.</summary>
    public IEnumerable<int> Window(int start)
    {
        for (var i = _firsts[Math.Min(start, Units)]; i < _firsts[Math.Min(start + FeatureReader.Window, Units)]; i++)
        {
            if (_before[i] < start)
            {
                yield return _features[i];
            }
        }
    }

    /// <summary>The window that weighs most, wherever it begins.</summary>
    public (double Sum, int Start) Best(Func<int, double> weight)
    {
        var (best, at) = (Units == 0 ? 0 : double.NegativeInfinity, 0);
        var (sums, sum) = (new double[Units], 0.0);
        for (var unit = 0; unit < Units; unit++)
        {
            var start = Math.Max(0, unit + 1 - FeatureReader.Window);
            sum -= start > 0 ? sums[start - 1] : 0;
            for (var i = _firsts[unit]; i < _firsts[unit + 1]; i++)
            {
                var value = weight(_features[i]);
                sums[unit] += value;
                if (_before[i] < 0)
                {
                    sum += value;
                }
                else
                {
                    sums[_before[i]] -= value;
                }
            }

            if (sum > best)
            {
                (best, at) = (sum, start);
            }
        }

        return (best, at);
    }

    private double Overlap(List<int> starts, int window, int from, int to)
    {
        var (begin, end) = (starts[window], starts[Math.Min(window + FeatureReader.Window, Units) - 1]);
        return (double)(Math.Min(end, to) - Math.Max(begin, from)) / Math.Max(1, Math.Min(end - begin, to - from));
    }
}
