namespace Aegis.Policies;

/// <summary>A piece of work before it is known what it costs under which policy.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Usage">What a model uses, or is thought to.</param>
internal readonly record struct Work(WorkKind Kind, TokenUsage Usage = default)
{
    /// <summary>Tokens of an answer whose length nobody limits, as they are set aside.</summary>
    public const int AssumedOutput = 4_096;

    private const long MostTokens = 1_000_000_000_000;   // at the highest price still a long of micros

    /// <summary>The call, if it is one.</summary>
    public ToolCall? Call { get; init; }

    /// <summary>Whether no more than that can be used.</summary>
    public bool IsBounded { get; init; }

    /// <summary>Whether it may begin only while time is left.</summary>
    public bool Begins { get; init; }

    /// <summary>The work that a subject is; null: it costs nothing.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="hasSteps">Whether the run has taken a step, so that it may say a last word when time is up.</param>
    public static Work? Of(Subject subject, bool hasSteps) => subject switch
    {
        ToolCall call => new(WorkKind.Call) { Call = call, Begins = true },
        ModelStep { Closing: var closing } step => new Work(closing ? WorkKind.Closing : WorkKind.Step, Assumed(step.Estimate)) { IsBounded = step.Estimate?.Output > 0, Begins = !closing || !hasSteps },
        ModelOutput output => new(WorkKind.Answer, Sane(output.Usage)),
        _ => null,
    };

    /// <summary>What a provider reports is data: a negative number must not pay anything back, a huge one not overflow.</summary>
    public static TokenUsage Sane(TokenUsage usage) => usage with { Input = Math.Clamp(usage.Input, 0, MostTokens), Output = Math.Clamp(usage.Output, 0, MostTokens) };

    private static TokenUsage Assumed(TokenUsage? estimate) => estimate is not { } said ? default : Sane(said with { Output = said.Output > 0 ? said.Output : AssumedOutput });
}
