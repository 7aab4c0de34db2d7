using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.AI;

namespace Aegis.Testing.RedTeaming;

/// <summary>What happens in one try.</summary>
internal sealed class Play
{
    private readonly ConcurrentQueue<string> _rules = new();
    private int _asked;

    public ConcurrentQueue<StageCall> Executed { get; } = new();

    /// <summary>The rules that found something, each once, in order. What is said of a tool is said once in the life of a guard, and not of one try.</summary>
    public IReadOnlyList<string> Rules => [.. _rules.Where(static rule => !rule.StartsWith("tool/", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)];

    /// <summary>Everything that the app was given to read.</summary>
    public StringBuilder Left { get; } = new();

    /// <summary>Questions to people.</summary>
    public int Asked => _asked;

    /// <summary>Turns that were refused.</summary>
    public int Refused { get; private set; }

    /// <summary>Turns that were answered.</summary>
    public int Answered { get; private set; }

    public void Ask() => Interlocked.Increment(ref _asked);

    public void Find(string rule) => _rules.Enqueue(rule);

    public void Refuse() => Refused++;

    public void Answer(ChatResponse response)
    {
        if (response.AdditionalProperties?.ContainsKey("aegis") == true)
        {
            Refused++;
        }
        else
        {
            Answered++;
        }
    }
}
