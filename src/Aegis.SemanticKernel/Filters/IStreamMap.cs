namespace Aegis.SemanticKernel;

/// <summary>Something that is done to a stream, whatever its items are.</summary>
internal interface IStreamMap
{
    IAsyncEnumerable<T> Map<T>(IAsyncEnumerable<T> stream, StreamShape<T> shape);
}
