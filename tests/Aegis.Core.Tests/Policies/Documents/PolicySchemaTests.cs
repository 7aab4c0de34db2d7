using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Docs.Tests;
using Aegis.Policies.Documents;

namespace Aegis.Core.Tests.Policies.Documents;

public class PolicySchemaTests
{
    /// <summary><c>AEGIS_WRITE_GOLDEN=1</c> writes it anew.</summary>
    [Fact]
    public void TheSchemaInTheRepositoryIsTheOneOfTheCode()
    {
        var file = Path.Combine(Repository.Root, "schemas", "policy.schema.json");
        if (Environment.GetEnvironmentVariable("AEGIS_WRITE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, PolicySchema.Text());
        }

        Assert.Equal(File.ReadAllText(file), PolicySchema.Text());
    }

    [Fact]
    public void EveryPropertyOfThePolicyRecordsIsAMemberOfTheDocument() => Compare(typeof(AegisPolicy), (JsonObject)JsonNode.Parse(PolicySchema.Text())!, "$");

    private static void Compare(Type record, JsonObject schema, string path)
    {
        var members = (JsonObject)schema["properties"]!;
        var properties = record.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        Assert.Equal(
            properties.Select(static property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).Order(StringComparer.Ordinal),
            members.Select(static member => member.Key).Except(["$schema", "version", "extends", "deny!"]).Order(StringComparer.Ordinal));
        foreach (var property in properties)
        {
            var member = (JsonObject)members[JsonNamingPolicy.CamelCase.ConvertName(property.Name)]!;
            Assert.False(string.IsNullOrWhiteSpace(member["description"]?.GetValue<string>()), $"{path}.{property.Name} has no description");
            var type = property.PropertyType;
            var inner = (member["anyOf"] as JsonArray)?[0] as JsonObject ?? member;
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) && type.GenericTypeArguments[1].Namespace == typeof(AegisPolicy).Namespace + ".Policies")
            {
                Compare(type.GenericTypeArguments[1], (JsonObject)((JsonObject)member["additionalProperties"]!)["anyOf"]![0]!, $"{path}.{property.Name}.*");
            }
            else if (type.IsClass && type.Namespace == "Aegis.Policies")
            {
                Compare(type, inner, $"{path}.{property.Name}");
            }
        }
    }
}
