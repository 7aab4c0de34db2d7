using System.Text.Json;
using Aegis.Testing.RedTeaming;

namespace Aegis.Testing;

/// <summary>An attack that reached its goal, as small as it was made.</summary>
public sealed record RedTeamBypass
{
    internal RedTeamBypass(Attempt attempt, StageResult result, IReadOnlyList<string> closedBy)
    {
        Attempt = attempt;
        (Evidence, Rules, ClosedBy) = (result.Evidence, result.Rules, closedBy);
    }

    /// <summary>The case: suite, name, and the tool that it was aimed at where there are several.</summary>
    public string Case => Attempt.Case.Id;

    /// <summary>The suite.</summary>
    public string Suite => Attempt.Case.Suite;

    /// <summary>What was reached.</summary>
    public RedTeamHarm Harm => Attempt.Case.Goal!.Harm;

    /// <summary>The tool that ran, where a call was the goal.</summary>
    public string? Tool => Attempt.Case.Goal is { Harm: RedTeamHarm.Executed } goal ? goal.Value : null;

    /// <summary>The changes to the case that were needed, in order; none: it got through as it stands.</summary>
    public IReadOnlyList<string> Mutators => Attempt.Mutators;

    /// <summary>What the attacker wrote: hostile text. Null: nothing, the model misbehaved by itself.</summary>
    public string? Text => Attempt.Case.Attack?.ToString();

    /// <summary>What the user typed, turn by turn; <c>{attack}</c> is the attacker's text.</summary>
    public IReadOnlyList<string> Turns => Attempt.Case.Turns;

    /// <summary>What the model did, one call or answer a line.</summary>
    public string Steps => string.Join('\n', Attempt.Case.Steps.Select(static step => step.Call is null ? $"says: {step.Say}" : $"{step.Call} {step.Arguments?.ToJsonString()}{(step.Times > 1 ? FormattableString.Invariant($" × {step.Times}") : "")}"));

    /// <summary>Characters that the attacker had to write, the model's calls and answers included.</summary>
    public int Length => Attempt.Length;

    /// <summary>What happened, in words without the attack's.</summary>
    public string Evidence { get; }

    /// <summary>Rules that found something and did not stop it.</summary>
    public IReadOnlyList<string> Rules { get; }

    /// <summary>Changes of one member of the policy, each of which alone stops this: the member, and what it would say. Empty: no setting does.</summary>
    public IReadOnlyList<string> ClosedBy { get; }

    internal Attempt Attempt { get; }

    /// <summary>One line of JSON from which the next run tries this again: for <see cref="RedTeamOptions.Regressions"/>.</summary>
    public string ToRegression() => JsonSerializer.Serialize(Attempt);
}
