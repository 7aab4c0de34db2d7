using System.Text.Json.Nodes;

namespace Aegis.Testing.RedTeaming;

/// <summary>What a model does that obeys: a call, or an answer.</summary>
/// <param name="Call">The tool that is called; null: it is an answer.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Say">What is answered.</param>
/// <param name="Times">How often; <c>{n}</c> in texts is the number, from 1.</param>
/// <param name="IsTogether">Whether all of it is one step of the model.</param>
internal sealed record AttackStep(string? Call, JsonObject? Arguments, string? Say, int Times = 1, bool IsTogether = false)
{
    /// <summary>The same with other texts: names, answers, and every text in the arguments.</summary>
    public AttackStep Map(Func<string, string> change) => this with { Call = Call is null ? null : change(Call), Say = Say is null ? null : change(Say), Arguments = (JsonObject?)Mapped(Arguments, change) };

    /// <summary>The same with other texts in the arguments.</summary>
    public AttackStep MapArguments(Func<string, string> change) => this with { Arguments = (JsonObject?)Mapped(Arguments, change) };

    private static JsonNode? Mapped(JsonNode? node, Func<string, string> change) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Mapped(member.Value, change)))),
        JsonArray items => new JsonArray([.. items.Select(item => Mapped(item, change))]),
        JsonValue value when value.TryGetValue<string>(out var text) => JsonValue.Create(change(text)),
        _ => node?.DeepClone(),
    };
}
