using Aegis.Scanning.Decoding;
using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules;

namespace Aegis.Scanning;

/// <summary>What one scan needs beside the text, so that the next one need not make it again. Not thread-safe: it belongs to one scan at a time.</summary>
internal sealed class ScanMemory
{
    public ScanMemory() => Input = new(Budget);

    /// <summary>What was found.</summary>
    public List<Finding> Findings { get; } = [];

    /// <summary>What was decoded and not read yet.</summary>
    public Queue<DecodedText> Views { get; } = new();

    /// <summary>What rules have found in one reading.</summary>
    public List<RuleHit> Hits { get; } = [];

    public DecodingBudget Budget { get; } = new();

    public DecoderInput Input { get; }

    /// <summary>The text as it was given.</summary>
    public CanonicalText Canonical { get; } = new();

    /// <summary>Its letters alone.</summary>
    public LooseText Loose { get; } = new();

    /// <summary>Forgets the text and what was found in it.</summary>
    public void Clear()
    {
        Findings.Clear();
        Views.Clear();
        Hits.Clear();
        Input.Clear();
    }
}
