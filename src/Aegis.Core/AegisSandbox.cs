using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Aegis.Guarding;
using Aegis.Sandboxing;

namespace Aegis;

/// <summary>
/// Takes data out of texts that nobody trusts. An extractor (<see cref="AegisBuilder.UseExtractor"/>) reads the text and says the data; it has no tools, and is not believed: the data
/// must fit the schema exactly, and every text in it must stand in the document to the letter and pass the guard as a result of the tool that the document comes from. Numbers,
/// booleans and words of an enumeration come out plain, texts as <see cref="Untrusted{T}"/>. What does not come out so is tried again, told what was wrong, and then fails. Every try counts on
/// <c>denialOfWallet</c>. Thread-safe.
/// </summary>
public sealed class AegisSandbox
{
    private const string Unfit = "Reads and makes the type by reflection. Pass a JsonTypeInfo of a JsonSerializerContext.";

    private readonly AegisGuard _guard;

    internal AegisSandbox(AegisGuard guard) => _guard = guard;

    /// <summary>Takes an object out of a text.</summary>
    /// <typeparam name="T">Its type: see <see cref="ExtractionSchema.Of{T}()"/>.</typeparam>
    /// <param name="text">The text, at most 262,144 characters.</param>
    /// <param name="session">Whose conversation it is.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The object. Its texts have the source of the text.</returns>
    /// <exception cref="AegisBlockedException">No data came out in time: the rule says why. Nothing of the text is in the message.</exception>
    /// <exception cref="ExtractionSchemaException">The type cannot be enforced.</exception>
    /// <exception cref="ArgumentException">The text is null, or <paramref name="session"/> is <c>default</c>.</exception>
    /// <exception cref="AegisException">The type does not take the data.</exception>
    [RequiresUnreferencedCode(Unfit)]
    [RequiresDynamicCode(Unfit)]
    public ValueTask<T> ExtractAsync<T>(Untrusted<string> text, SessionId session, CancellationToken cancellationToken) =>
        ExtractAsync(text, (JsonTypeInfo<T>)JsonSerializerOptions.Default.GetTypeInfo(typeof(T)), session, cancellationToken);

    /// <inheritdoc cref="ExtractAsync{T}(Untrusted{string}, SessionId, CancellationToken)"/>
    /// <param name="text">The text, at most 262,144 characters.</param>
    /// <param name="type">The type, as its serializer knows it.</param>
    /// <param name="session">Whose conversation it is.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async ValueTask<T> ExtractAsync<T>(Untrusted<string> text, JsonTypeInfo<T> type, SessionId session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(type);
        var json = await ReadAsync(text, ExtractionSchema.Of(type), session, cancellationToken);
        var options = new JsonSerializerOptions(type.Options);
        options.Converters.Insert(0, new UntrustedTextConverter(text.Source));
        try
        {
            return json.Deserialize((JsonTypeInfo<T>)options.GetTypeInfo(typeof(T))) ?? throw new JsonException();
        }
        catch (Exception e)
        {
            throw new AegisException($"'{typeof(T).Name}' does not take the data from '{text.Source}': {e.GetType().Name}.");   // what it threw may quote values
        }
    }

    /// <summary>Takes data out of a text.</summary>
    /// <param name="text">The text, at most 262,144 characters.</param>
    /// <param name="schema">What may be taken out of it.</param>
    /// <param name="session">Whose conversation it is.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>An object that fits the schema, with the source of the text.</returns>
    /// <exception cref="AegisBlockedException">No data came out in time: the rule says why. Nothing of the text is in the message.</exception>
    /// <exception cref="ArgumentException">The text is null, or <paramref name="session"/> is <c>default</c>.</exception>
    public async ValueTask<Untrusted<JsonElement>> ExtractJsonAsync(Untrusted<string> text, ExtractionSchema schema, SessionId session, CancellationToken cancellationToken = default) =>
        Untrusted.From(await ReadAsync(text, schema, session, cancellationToken), text.Source);

    private async ValueTask<JsonElement> ReadAsync(Untrusted<string> text, ExtractionSchema schema, SessionId session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(schema);
        var document = new ToolResult(text.Source, text.Value ?? throw new ArgumentException("The text is null.", nameof(text)));
        var run = _guard.RunOf(session);
        cancellationToken.ThrowIfCancellationRequested();
        var id = DecisionId.Next();
        var (value, finding) = await ExtractionRound.AskAsync(_guard.Pipeline, run, document, schema, id, cancellationToken);
        return value ?? throw new AegisBlockedException(Verdict.Of(finding), id.ToString());
    }
}
