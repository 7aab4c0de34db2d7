using System.Runtime.CompilerServices;

namespace Aegis.SemanticKernel;

/// <summary>The answer to a prompt that a guarded service reads. The prompt is rendered when the first item is asked for.</summary>
internal sealed class RenderedStream : IStreamMap
{
    public IAsyncEnumerable<T> Map<T>(IAsyncEnumerable<T> stream, StreamShape<T> shape) => ReadAsync(stream);

    private static async IAsyncEnumerable<T> ReadAsync<T>(IAsyncEnumerable<T> stream, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var items = stream.GetAsyncEnumerator(cancellationToken);
        try
        {
            while (true)
            {
                using (AegisAmbient.Render())   // an async iterator loses it between any two items
                {
                    if (!await items.MoveNextAsync())
                    {
                        yield break;
                    }
                }

                yield return items.Current;
            }
        }
        finally
        {
            await items.DisposeAsync();
        }
    }
}
