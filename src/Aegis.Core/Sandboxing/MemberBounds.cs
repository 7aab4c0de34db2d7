using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Aegis.Sandboxing;

/// <summary>What the attributes of a member say of its values.</summary>
internal sealed record MemberBounds
{
    public static MemberBounds None { get; } = new();

    public int? MinLength { get; init; }

    public int? MaxLength { get; init; }

    public int? MinText { get; init; }

    public int? MaxText { get; init; }

    public decimal? Minimum { get; init; }

    public decimal? Maximum { get; init; }

    public string? Description { get; init; }

    /// <summary>What they say that is not enforced; null: nothing.</summary>
    public string? Mistake { get; init; }

    /// <summary>The same for each item of a list.</summary>
    public MemberBounds OfItems => this with { MinLength = null, MaxLength = null, Description = null, Mistake = null };

    /// <summary>What they say that such a value does not have; null: nothing.</summary>
    public string? Beside(bool isText, bool isNumber) =>
        !isNumber && (Minimum ?? Maximum) is not null ? "[Range]"
        : !isText && (MinText ?? MaxText) is not null ? "[StringLength]"
        : !isText && (MinLength ?? MaxLength) is not null ? "[MinLength] or [MaxLength]"
        : null;

    public static MemberBounds Of(params ICustomAttributeProvider?[] places)
    {
        var bounds = None;
        foreach (var attribute in places.SelectMany(static place => place?.GetCustomAttributes(inherit: true) ?? []))
        {
            bounds = attribute switch
            {
                MaxLengthAttribute most => bounds with { MaxLength = most.Length },
                MinLengthAttribute least => bounds with { MinLength = least.Length },
                LengthAttribute length => bounds with { MinLength = length.MinimumLength, MaxLength = length.MaximumLength },
                StringLengthAttribute length => bounds with { MinText = length.MinimumLength == 0 ? null : length.MinimumLength, MaxText = length.MaximumLength },
                RangeAttribute { MinimumIsExclusive: false, MaximumIsExclusive: false } range when NumberOf(range.Minimum) is { } least && NumberOf(range.Maximum) is { } most => bounds with { Minimum = least, Maximum = most },
                DescriptionAttribute said => bounds with { Description = said.Description },
                ValidationAttribute and not RequiredAttribute => bounds with { Mistake = $"has [{attribute.GetType().Name.Replace("Attribute", "", StringComparison.Ordinal)}], which is not enforced like this: use [MaxLength], [StringLength] and [Range] with both ends included." },
                _ => bounds,
            };
        }

        return bounds;
    }

    private static decimal? NumberOf(object? value)
    {
        try
        {
            return value is int or long or double or string ? Convert.ToDecimal(value, CultureInfo.InvariantCulture) : null;
        }
        catch (Exception e) when (e is OverflowException or FormatException)
        {
            return null;
        }
    }
}
