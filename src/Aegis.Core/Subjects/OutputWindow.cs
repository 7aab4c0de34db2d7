using Aegis.Answers;

namespace Aegis;

/// <summary>A window of an answer that is still being streamed.</summary>
/// <param name="Text">The window's text.</param>
public sealed record OutputWindow(string Text) : TextSubject(Text)
{
    /// <summary>Position of the window in the answer, in UTF-16 code units.</summary>
    /// <value>0.</value>
    public long Offset { get; init; }

    /// <summary>Only what begins at this position of the window or later is judged; what stands before is context that was judged already.</summary>
    /// <value>0.</value>
    public int From { get; init; }

    /// <summary>Only what begins before this position of the window is judged; what begins later waits until it can be seen whole.</summary>
    /// <value><see cref="int.MaxValue"/>: the answer has ended.</value>
    public int Before { get; init; } = int.MaxValue;

    /// <summary>What is remembered of the run's answers; null: nothing.</summary>
    internal AnswerMemory? Memory { get; init; }

    /// <summary>Where a position of it stands in the Markdown of the answer.</summary>
    internal CodeFence Fence { get; init; }

    /// <summary>The position of the window that <see cref="Fence"/> is about; what stands before is of another text.</summary>
    internal int FenceAt { get; init; }

    /// <inheritdoc/>
    public override Checkpoint Checkpoint => Checkpoint.Output;
}
