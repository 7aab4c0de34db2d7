using System.Text.Json;

namespace Aegis.Tools;

/// <summary>Reads the single values of a call's arguments, also those of JSON in a text: a function may read it as what it says.</summary>
internal sealed class ArgumentLeaves
{
    /// <summary>Values of JSON in texts, at most; the texts themselves are values too, so that nothing hides behind the bound.</summary>
    public const int MaxInner = 1_024;

    private readonly List<ArgumentLeaf> _leaves = [];
    private int _inner;

    private ArgumentLeaves()
    {
    }

    /// <summary>The values of arguments in canonical JSON; none of an empty text.</summary>
    public static IReadOnlyList<ArgumentLeaf> Of(ReadOnlyMemory<byte> canonical)
    {
        var reader = new ArgumentLeaves();
        if (!canonical.IsEmpty)
        {
            using var document = JsonDocument.Parse(canonical, new() { MaxDepth = ToolArguments.MaxDepth + 2 });
            foreach (var argument in document.RootElement.EnumerateObject())
            {
                reader.Read(new(argument.Name, argument.Name, argument.Name, [argument.Name], IsInner: false), argument.Value);
            }
        }

        return reader._leaves;
    }

    private void Read(Place place, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    var below = place with { Name = member.Name, Path = $"{place.Path}.{member.Name}", Steps = [.. place.Steps, member.Name] };
                    Add(below with { Name = place.Name, Path = $"{place.Path}, a key" }, member.Name, isText: true, isKey: true);
                    Read(below, member.Value);
                }

                break;
            case JsonValueKind.Array:
                string?[] steps = [.. place.Steps, null];
                foreach (var (index, item) in value.EnumerateArray().Index())
                {
                    Read(place with { Path = FormattableString.Invariant($"{place.Path}[{index}]"), Steps = steps }, item);
                }

                break;
            case JsonValueKind.String:
                var text = value.GetString()!;
                Add(place, text, isText: true);
                ReadText(place, text);
                break;
            case JsonValueKind.Number:
                Add(place, value.GetRawText(), isText: false);
                break;
        }
    }

    private void ReadText(Place place, string text)
    {
        if (place.Steps.Length > ToolArguments.MaxDepth || _inner >= MaxInner || text.AsSpan().TrimStart() is not ['{' or '[', ..])
        {
            return;
        }

        try
        {
            using var inner = JsonDocument.Parse(text);
            Read(place with { IsInner = true }, inner.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)   // half a surrogate pair among them
        {
            // It is a text that only begins like JSON.
        }
    }

    private void Add(Place place, string value, bool isText, bool isKey = false)
    {
        if (!place.IsInner || ++_inner <= MaxInner)
        {
            _leaves.Add(new(place.Argument, place.Name, place.Path, value, isText) { Steps = place.Steps, IsKey = isKey });
        }
    }

    private readonly record struct Place(string Argument, string Name, string Path, string?[] Steps, bool IsInner);
}
