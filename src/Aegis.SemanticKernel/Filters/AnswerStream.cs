using System.Runtime.CompilerServices;
using Aegis.Guarding;
using Aegis.Streaming;
using Microsoft.SemanticKernel;

namespace Aegis.SemanticKernel;

/// <summary>A streamed answer that no guarded service has read: held back until no finding can begin in it, each of several answers by itself, and closed with a refusal.</summary>
internal sealed class AnswerStream(AegisGuard guard, AegisRun run) : IStreamMap
{
    public IAsyncEnumerable<T> Map<T>(IAsyncEnumerable<T> stream, StreamShape<T> shape) => ReadAsync(stream, shape);

    private async IAsyncEnumerable<T> ReadAsync<T>(IAsyncEnumerable<T> stream, StreamShape<T> shape, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var isRead = !guard.Pipeline.Policy.KeepsUnread && !guard.Pipeline.Policy.IsMonitor && !guard.Policy.KeepRaw;
        var answers = new SortedDictionary<int, (StreamMonitor Text, StreamMonitor Thought)>();
        var items = stream.GetAsyncEnumerator(cancellationToken);
        Inspection? stopped = null;
        AegisBlockedException? refused = null;
        try
        {
            while (stopped is null)
            {
                try
                {
                    using (AegisAmbient.Render())
                    using (AegisAmbient.Enter(run))   // an async iterator loses it between any two items
                    {
                        if (!await items.MoveNextAsync())
                        {
                            break;
                        }
                    }
                }
                catch (AegisBlockedException e) when (guard.Policy.OnBlock == Policies.OnBlock.Refuse)
                {
                    refused = e;   // the prompt filter's word
                    break;
                }

                var item = items.Current;
                var (text, thought, choice) = (shape.Read(item), shape.Thought(item), shape.Choice(item));
                if (!answers.TryGetValue(choice, out var answer))
                {
                    answers[choice] = answer = (new(guard.Pipeline, run), new(guard.Pipeline, run));
                }

                var shown = text.Length == 0 ? "" : (await answer.Text.PushAsync(text, cancellationToken)).ToString();
                var aloud = thought.Length == 0 ? "" : (await answer.Thought.PushAsync(thought, cancellationToken)).ToString();
                stopped = answer.Text.Stopped ?? answer.Thought.Stopped;
                if (string.Equals(shown, text, StringComparison.Ordinal) && string.Equals(aloud, thought, StringComparison.Ordinal))
                {
                    yield return isRead ? shape.Bare(item) : item;
                }
                else if (shown.Length > 0 || aloud.Length > 0)
                {
                    yield return shape.Make(new(shown, aloud, choice), isRead ? shape.Bare(item) : item);
                }
            }
        }
        finally
        {
            await items.DisposeAsync();
        }

        foreach (var (choice, answer) in refused is null ? answers : [])
        {
            if (stopped is null)
            {
                var (rest, aloud) = ((await answer.Text.FlushAsync(cancellationToken)).ToString(), (await answer.Thought.FlushAsync(cancellationToken)).ToString());
                stopped = answer.Text.Stopped ?? answer.Thought.Stopped;
                if (rest.Length > 0 || aloud.Length > 0)
                {
                    yield return shape.Make(new(rest, aloud, choice), default);
                }
            }
        }

        if (stopped is { } inspection && guard.Policy.OnBlock == Policies.OnBlock.Throw)
        {
            throw new AegisBlockedException(inspection.Verdict, inspection.Id.ToString());
        }

        if (stopped is not null || refused is not null)
        {
            var refusal = shape.Make(new(guard.Policy.RefusalText), default);
            if (refusal is StreamingKernelContent chunk)
            {
                chunk.Metadata = Refusals.MetadataOf(refused?.Verdict ?? stopped!.Value.Verdict, refused?.DecisionId ?? stopped!.Value.Id.ToString());
            }

            yield return refusal;
        }
    }
}
