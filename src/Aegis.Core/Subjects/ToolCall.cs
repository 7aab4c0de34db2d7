using Aegis.Tools;

namespace Aegis;

/// <summary>A tool call, judged on exactly the arguments that would run.</summary>
/// <param name="Tool">The tool's name as the model wrote it.</param>
/// <param name="Arguments">The arguments.</param>
public sealed record ToolCall(string Tool, ToolArguments Arguments) : Subject
{
    /// <summary>The tools that the run has, hidden ones included; a call to anything else is refused.</summary>
    /// <value><see langword="null"/>: unknown, so that only tools which the policy names are known.</value>
    public Toolset? Tools { get; init; }

    /// <summary>Whether a person has said yes to this very call (tool, canonical arguments, session), once.</summary>
    /// <value><see langword="false"/>.</value>
    public bool Approved { get; init; }

    /// <summary>Whether whoever runs the call takes the arguments from the outcome, so that a person who is asked may change them.</summary>
    /// <value><see langword="false"/>: an answer with other arguments blocks.</value>
    public bool Editable { get; init; }

    /// <summary>The arguments that the call shows, where it runs with others: values in place of their placeholders.</summary>
    /// <value><see langword="null"/>: the same.</value>
    internal ToolArguments? Shown { get; init; }

    /// <summary>Rules by which values were replaced in the arguments.</summary>
    internal IReadOnlyList<string> Replaced { get; init; } = [];

    /// <summary>The tool that would run, where that is known: it may be another one than was on offer under its name.</summary>
    internal ToolInfo? Running { get; init; }

    /// <summary>What was found when the step was taken with the user's words hidden; null: nothing, or it was not.</summary>
    internal Finding? Masked { get; init; }

    /// <summary>Tasks around the call, besides those of <see cref="Tools"/>.</summary>
    internal AegisTasks? Tasks { get; init; }

    /// <summary>Whether the provider runs it: what it is called is then not a question of what the app offers.</summary>
    internal bool IsHosted { get; init; }

    /// <inheritdoc/>
    public override Checkpoint Checkpoint => Checkpoint.ToolArguments;
}
