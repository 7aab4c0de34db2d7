using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>
/// Where what a speech holds back will stand: where it was said, before whatever was said behind it, which waits until it is decided. What stands for a value
/// stands where the value began. Not thread-safe: one answer, one for each kind.
/// </summary>
/// <param name="speech">What reads.</param>
/// <param name="isThought">Whether it is reasoning.</param>
/// <param name="waiting">The updates that have not left, in order.</param>
/// <param name="undecided">Contents before which whatever comes behind them may not leave.</param>
/// <param name="copy">Makes an update like another one, with other contents.</param>
internal sealed class Places(Speech speech, bool isThought, List<ChatResponseUpdate> waiting, HashSet<AIContent> undecided, Func<ChatResponseUpdate, List<AIContent>, ChatResponseUpdate> copy)
{
    private readonly Queue<Place> _places = [];   // behind each of them something else was said; the speech has a mark there once it went on
    private ChatResponseUpdate? _update;   // in which it was said last
    private List<AIContent>? _contents;    // what that update becomes, until it is whole
    private bool _isBehind;                // whether something else was said since

    /// <summary>Something of it is said in an update, and is read next.</summary>
    public void Say(ChatResponseUpdate update, List<AIContent> contents)
    {
        (_update, _contents) = (update, contents);
        if (_isBehind)
        {
            speech.Mark();
            _isBehind = false;
        }
    }

    /// <summary>Something else is said: what is held back stands before it.</summary>
    public void Pass()
    {
        if (!_isBehind && speech.HoldsBack)
        {
            var place = Here();
            undecided.Add(place.Content);
            _places.Enqueue(place);
            _isBehind = true;
        }
    }

    /// <summary>The update is whole.</summary>
    public void Leave() => _contents = null;

    /// <summary>What the speech has given out, where it belongs.</summary>
    /// <returns>What belongs where it was said last.</returns>
    public string Put(string shown)
    {
        speech.Said.Append(shown);
        var at = 0;
        foreach (var cut in speech.Cuts)
        {
            var end = Math.Clamp(cut, at, shown.Length);
            Decide(_places.Dequeue(), shown[at..end]);
            at = end;
        }

        if (_places.TryPeek(out var first))
        {
            Append(first.Content, shown[at..]);
            at = shown.Length;
        }

        if (!speech.HoldsBack && speech.Stopped is null)
        {
            DecideAll();
        }

        return shown[at..];
    }

    /// <summary>What the speech has given out last, before it ends or is decided early.</summary>
    public void End(string rest)
    {
        if (Put(rest) is { Length: > 0 } last)
        {
            Append(Here().Content, last);
        }

        if (speech.Stopped is null)
        {
            DecideAll();
        }
    }

    /// <summary>The end of what was said last, behind which nothing else stands yet.</summary>
    private Place Here()
    {
        if (_contents?.FindLast(static content => content is not UsageContent) is { } last && (isThought ? last is TextReasoningContent : last is TextContent) && !undecided.Contains(last))
        {
            return new(last, _contents, null, IsMade: false);
        }

        AIContent made = isThought ? new TextReasoningContent("") : new TextContent("");
        if (_contents is not null)
        {
            _contents.Add(made);
            return new(made, _contents, null, IsMade: true);
        }

        var update = copy(_update!, [made]);
        waiting.Add(update);
        return new(made, update.Contents, update, IsMade: true);
    }

    private void DecideAll()
    {
        while (_places.TryDequeue(out var place))
        {
            Decide(place, "");
        }

        _isBehind = false;
    }

    private void Decide(Place place, string text)
    {
        Append(place.Content, text);
        undecided.Remove(place.Content);
        if (place.IsMade && place.Content is TextContent { Text.Length: 0 } or TextReasoningContent { Text.Length: 0 })
        {
            place.Contents.Remove(place.Content);
            if (place.Update is not null)
            {
                waiting.Remove(place.Update);
            }
        }
    }

    private static void Append(AIContent content, string text)
    {
        if (content is TextReasoningContent thought)
        {
            thought.Text += text;
        }
        else if (content is TextContent said)
        {
            said.Text += text;
        }
    }

    /// <param name="Content">What it is appended to.</param>
    /// <param name="Contents">Where that stands.</param>
    /// <param name="Update">The update that was made for it; null: it stands in one of the service.</param>
    /// <param name="IsMade">Whether the content was made for it.</param>
    private readonly record struct Place(AIContent Content, IList<AIContent> Contents, ChatResponseUpdate? Update, bool IsMade);
}
