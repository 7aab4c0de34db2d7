using System.Runtime.CompilerServices;
using Aegis.Guarding;
using Aegis.Streaming;
using Microsoft.SemanticKernel;

namespace Aegis.SemanticKernel;

/// <summary>A streamed answer that no guarded service has read: held back until no finding can begin in it, and closed with a refusal.</summary>
internal sealed class AnswerStream(AegisGuard guard, AegisRun run) : IStreamMap
{
    public IAsyncEnumerable<T> Map<T>(IAsyncEnumerable<T> stream, StreamShape<T> shape) => ReadAsync(stream, shape);

    private async IAsyncEnumerable<T> ReadAsync<T>(IAsyncEnumerable<T> stream, StreamShape<T> shape, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var monitor = new StreamMonitor(guard.Pipeline, run);
        var items = stream.GetAsyncEnumerator(cancellationToken);
        Inspection? stopped = null;
        AegisBlockedException? refused = null;
        T? last = default;
        try
        {
            while (stopped is null)
            {
                try
                {
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

                last = items.Current;
                var text = shape.Read(last);
                var shown = text.Length == 0 ? "" : await monitor.PushAsync(text, cancellationToken);
                stopped = monitor.Stopped;
                if (text.Length == 0 || shown.Length > 0)
                {
                    yield return string.Equals(shown, text, StringComparison.Ordinal) ? last : shape.Make(shown, last);
                }
            }
        }
        finally
        {
            await items.DisposeAsync();
        }

        if (stopped is null && refused is null)
        {
            var rest = await monitor.FlushAsync(cancellationToken);
            stopped = monitor.Stopped;
            if (rest.Length > 0)
            {
                yield return shape.Make(rest, default);
            }
        }

        if (stopped is { } inspection && guard.Policy.OnBlock == Policies.OnBlock.Throw)
        {
            throw new AegisBlockedException(inspection.Verdict, inspection.Id.ToString());
        }

        if (stopped is not null || refused is not null)
        {
            var refusal = shape.Make(guard.Policy.RefusalText, default);
            if (refusal is StreamingKernelContent chunk)
            {
                chunk.Metadata = Refusals.MetadataOf(refused?.Verdict ?? stopped!.Value.Verdict, refused?.DecisionId ?? stopped!.Value.Id.ToString());
            }

            yield return refusal;
        }
    }
}
