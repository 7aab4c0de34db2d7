using System.Text.Json.Serialization;

namespace ChatService;

/// <summary>A piece of an answer, or why there is none: rules and a decision's id, which is what support asks for.</summary>
internal sealed record ChatEvent
{
    public const string Text = "text";
    public const string Refused = "refused";
    public const string Done = "done";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Piece { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Rules { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DecisionId { get; init; }
}
