using System.Diagnostics;

namespace Aegis.ExtensionsAI;

/// <summary>The span in which a stream was begun. An async iterator loses it at each <c>yield</c>: its reader's comes instead, and a caller that is an iterator itself (Semantic Kernel's functions) has lost its own.</summary>
internal sealed class StreamSpan
{
    private readonly Activity? _begun = Activity.Current;

    /// <summary>Goes on in it, while it lasts and the reader is in none of its own: in none at all, or one around it.</summary>
    public void Enter()
    {
        if (_begun is { IsStopped: false } && IsAround(Activity.Current))
        {
            Activity.Current = _begun;
        }
    }

    private bool IsAround(Activity? current)
    {
        for (var around = _begun!.Parent; around is not null && current is not null; around = around.Parent)
        {
            if (ReferenceEquals(around, current))
            {
                return true;
            }
        }

        return current is null;
    }
}
