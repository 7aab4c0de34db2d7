using System.Text.Json.Serialization;

namespace Aegis.Testing.RedTeaming;

/// <summary>One try of a case: as it stands in its suite, or changed.</summary>
internal sealed record Attempt
{
    public required RedTeamCase Case { get; init; }

    /// <summary>How the answer is streamed, in characters a piece; 0: it is not.</summary>
    public int Pieces { get; init; }

    /// <summary>The changes that made it, in order.</summary>
    public IReadOnlyList<string> Mutators { get; init; } = [];

    public static Attempt Of(RedTeamCase @case) => new() { Case = @case };

    /// <summary>The same with another case, by a change.</summary>
    public Attempt With(RedTeamCase changed) => this with { Case = changed };

    /// <summary>What the attacker has to write: texts, calls and answers, in characters.</summary>
    [JsonIgnore]
    public int Length => (Case.Attack?.Length ?? 0) + Case.Steps.Sum(static step => (step.Call?.Length ?? 0) + (step.Say?.Length ?? 0) + (step.Arguments?.ToJsonString().Length ?? 0));

    /// <summary>What tells it from others: everything that is said and done.</summary>
    [JsonIgnore]
    public string Identity => string.Join('\u001F', [Case.Id, .. Case.Turns, .. Case.Attack?.Texts ?? [], .. Case.Steps.Select(static step => $"{step.Call}{step.Say}{step.Arguments?.ToJsonString()}"), FormattableString.Invariant($"{Pieces}")]);
}
