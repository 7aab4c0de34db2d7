using Aegis.Tools;

namespace Aegis;

/// <summary>What a person says to a call. <c>default</c> says nothing, which is no yes.</summary>
public readonly record struct ApprovalAnswer
{
    private ApprovalAnswer(bool approves, ToolArguments? arguments)
    {
        IsGiven = true;
        Approves = approves;
        Arguments = arguments;
    }

    /// <summary>This call may run, once.</summary>
    public static ApprovalAnswer Yes => new(approves: true, null);

    /// <summary>It may not.</summary>
    public static ApprovalAnswer No => new(approves: false, null);

    /// <summary>Whether there is an answer at all.</summary>
    public bool IsGiven { get; }

    /// <summary>Whether the call may run: as it was asked about, or with <see cref="Arguments"/>.</summary>
    public bool Approves { get; }

    /// <summary>The arguments in place of those that were asked about.</summary>
    /// <value><see langword="null"/>: as asked.</value>
    public ToolArguments? Arguments { get; }

    /// <summary>The call may run, once, with these arguments. They are judged from the start; where the policy would ask again, this is the answer, and what it blocks stays blocked.</summary>
    /// <param name="arguments">The arguments, all of them.</param>
    /// <returns>The answer.</returns>
    public static ApprovalAnswer Edited(ToolArguments arguments) => new(approves: true, arguments ?? throw new ArgumentNullException(nameof(arguments)));

    /// <summary>Yes or no.</summary>
    /// <param name="approves">Whether the call may run.</param>
    /// <returns>The answer.</returns>
    public static ApprovalAnswer FromBoolean(bool approves) => approves ? Yes : No;

    /// <inheritdoc cref="FromBoolean"/>
    public static implicit operator ApprovalAnswer(bool approves) => FromBoolean(approves);
}
